// Package factorweb is the pages of the room factor: /my/security, where an account holder sees and changes what they sign in and sign with, and
// /my/sign/{id}, where a text is signed with the second key. Both work without scripts but for passkeys, which browsers offer to scripts only.
// Adding and removing factors asks for a session that proved who it is in the last ten minutes.
package factorweb
