// Package web is the frame of every page and endpoint: the route table with permissions, one mapping of errors to answers (error page or RFC
// 9457 problem), security headers and the strict Content-Security-Policy, cross-origin protection, limits of size, time and rate, compression and
// request numbers. It owns no tables and knows no room: who is asking, the shell of a page and the error page are handed in by package app.
package web
