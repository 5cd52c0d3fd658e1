package notify

// FailedEvent tells that a text message could not be delivered. Key is the caller's key of the message.
type FailedEvent struct {
	MessageID string `json:"message_id"`
	Key       string `json:"key"`
}

// Topic is the event's name.
func (FailedEvent) Topic() string { return "notify.failed" }
