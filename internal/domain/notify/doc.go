// Package notify tells people things: one message goes into the person's inbox and, where the template has a text for it, to the mobile phone.
//
// It owns notify_template, notify_message (one row for each channel; phone and texts sealed), notify_read and notify_nonce. SendTx writes in
// the caller's transaction, so a message exists exactly when what it tells is true; the job notify.sms then hands the text to a provider, the
// next one if the first is down, and notify.report asks what became of it where no report comes in. It tells notify.failed. The providers'
// protocol is in package gateway. Every room may call it; it calls none.
package notify
