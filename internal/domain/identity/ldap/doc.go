// Package ldap asks an LDAP directory (RFC 4511) whether a member of staff gave the right password: it finds the entry of a login and binds as
// it. The connection is always protected, by LDAPS or StartTLS. It owns no tables and keeps nothing; package app gives it to identity as the
// Directory of its staff sign-in.
package ldap
