// Package face is a small face check provider for the demo and for tests: a real HTTP server with a page of its own on which a person "looks
// into the camera". It says plainly that it is a demonstration; the person chooses the outcome. It looks at no face and stores nothing: a
// restart forgets every check.
//
//	POST /face/start   {"name","number","back"} → {"id","url"}     back: an absolute http(s) address, of the origins given
//	GET  /face/{id}    the page; what is chosen there leads to back?id=…
//	POST /face/result  {"id"} → {"done","passed","at"}             at: Unix milliseconds, 0 until done; a result is told once
//
// A check lives ten minutes, is decided once, and its result is told once: after that 410 {"error":"used"}. An id nobody knows is 404, one that is
// too old 410 {"error":"expired"}. A person who breaks off comes back with done = false.
//
// A request of the platform is signed by X-Tongban-Sign = hex(HMAC-SM3(key, method \n path \n X-Tongban-Time \n X-Tongban-Nonce \n
// hex(SM3(body)))), with X-Tongban-Key naming the key. A time more than five minutes off and a nonce used before are refused.
//
// It owns no tables. Only package app and tests may call it.
package face
