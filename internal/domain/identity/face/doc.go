// Package face asks a face check provider whether the person before the camera is the person of a name and number. The protocol is that of
// internal/fake/face, which stands in for the provider: signed JSON requests, a page of the provider's own, a result asked for by id. It owns no
// tables and keeps no picture: none ever reaches us. Package app makes a [Client] and gives it to identity.
package face
