// Package cnid reads and writes the numbers by which China knows people, firms, matters and licences: citizen and foreigner ID numbers
// (GB 11643), unified social credit codes (GB 32100), item codes, electronic licence identifiers (GB/T 36904), mobile numbers and names,
// and the masks under which they are shown.
//
// Everything is a pure function: no look-ups and no lists of regions, because codes retire while the numbers made of them live on. A
// right check digit says that a number is well typed, not that it was ever issued. Errors never carry the number itself.
//
// It owns no tables and tells no events. Everyone may call it.
package cnid
