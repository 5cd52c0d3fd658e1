// Package privacyweb holds the pages on who saw whose data, complaints about it, one's account data and the end of one's account, the auditor's desk
// for complaints and lawful delays, and the API shaped like Estonia's Data Tracker. It holds no SQL; it calls privacy and is mounted by package app.
package privacyweb
