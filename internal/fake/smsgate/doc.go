// Package smsgate plays a provider of text messages for demonstrations and tests: it checks signatures and nonces, keeps what it was sent,
// takes a request id only once, and reports delivery to an address. Nothing leaves the machine. Only package app, in demo mode, and tests use it.
package smsgate
