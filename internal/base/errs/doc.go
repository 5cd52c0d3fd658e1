// Package errs is the one error taxonomy of Tongban. An error carries a Kind, from which the HTTP status follows, and a text key, from
// which the words a person reads follow in their own language. It knows no HTTP and no language. Everyone may import it, the engines too.
package errs
