// Package govstackweb speaks the Registration API of GovStack for package govstack, describes it in the site's OpenAPI, and has the pages on which security
// officers keep the members. It holds no SQL.
package govstackweb
