package supervision

// AlarmEvent tells that a rule found something.
type AlarmEvent struct {
	AlarmID string `json:"alarm_id"`
	CaseID  string `json:"case_id"`
	Rule    string `json:"rule"`
	Level   Level  `json:"level"`
	Agency  string `json:"agency"`
	Region  string `json:"region"`
}

// Topic is the event's name.
func (AlarmEvent) Topic() string { return "supervision.alarm" }

// ExplainedEvent tells that the department explained an alarm.
type ExplainedEvent struct {
	AlarmID string `json:"alarm_id"`
	Agency  string `json:"agency"`
}

// Topic is the event's name.
func (ExplainedEvent) Topic() string { return "supervision.explained" }

// CardEvent tells of a step of an alarm after it was found.
type CardEvent struct {
	AlarmID string  `json:"alarm_id"`
	Act     CardAct `json:"act"`
	State   string  `json:"state"`
	Level   Level   `json:"level"`
	Agency  string  `json:"agency"`
	Region  string  `json:"region"`
}

// Topic is the event's name.
func (CardEvent) Topic() string { return "supervision.card" }
