package seal

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/emmansun/gmsm/smx509"
)

// pdfTime is the form of a time in the signature dictionary, after "D:" and before the zone.
const pdfTime = "20060102150405"

// maxHead is more than the longest signature dictionary before its hole.
const maxHead = 8192

// envelope is what the signature dictionary says.
type envelope struct {
	from, to int    // the hole, from its '<' to after its '>'
	der      []byte // the CMS without padding
	info     []byte // JSON of Info
	modified string // signing time in Chinese time, see pdfTime
}

// The only forms Verify accepts around the hole: SignPDF writes no other.
var (
	headForm = regexp.MustCompile(`^(\d{1,9}) 0 obj\n<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/adbe\.pkcs7\.detached/Name<FEFF[0-9A-F]*>/M\(D:(\d{14})\+08'00'\)/TongbanLicence<([0-9a-f]*)>/ByteRange\[0 (\d{10}) (\d{10}) (\d{10})\]/Contents$`)
	tailForm = regexp.MustCompile(`^>>\nendobj\nxref\n((?:\d{1,9} 1\n\d{10} 00000 n \n){4})trailer\n<</Size \d{1,9}/Root \d{1,9} 0 R/Info \d{1,9} 0 R/ID\[<[0-9a-f]{32}><[0-9a-f]{32}>\]/Prev \d{1,10}>>\nstartxref\n(\d{1,10})\n%%EOF\n$`)
)

// carriesSignature reports whether any mark of a signature dictionary is left: no single change can remove them all.
func carriesSignature(file []byte) bool {
	for _, mark := range signedMarks[:len(signedMarks)-1] {
		if bytes.Contains(file, []byte(mark)) {
			return true
		}
	}
	return false
}

// isForeign reports a signature that was never ours and does not pretend to be: no entry of ours, not one SM2 algorithm identifier, which
// ours carries many times, and no mention of a trusted authority.
func isForeign(file []byte, t *Trust) bool {
	const sm2Arc = "2a811ccf55" // 1.2.156.10197 in DER
	if bytes.Contains(file, []byte("/TongbanLicence")) || bytes.Contains(file, []byte("Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Name<FEFF")) {
		return false
	}
	lower := bytes.ToLower(file)
	if bytes.Contains(lower, []byte(sm2Arc)) {
		return false
	}
	if t == nil {
		return true
	}
	return !slices.ContainsFunc(t.roots, func(r *smx509.Certificate) bool {
		return bytes.Contains(lower, []byte(hex.EncodeToString([]byte(r.Subject.CommonName))))
	})
}

// dissect finds the one signature and proves that it covers everything but its own hole. why is empty or says what is wrong.
func dissect(file []byte) (e envelope, why string) {
	at := bytes.Index(file, []byte("/ByteRange"))
	if !bytes.HasPrefix(file, []byte("%PDF-1.")) || at < 0 || bytes.Count(file, []byte("/ByteRange")) != 1 {
		return e, "not exactly one signature in a PDF file"
	}
	e.from = at + len("/ByteRange[0 0000000000 0000000000 0000000000]/Contents")
	e.to = e.from + holeSize + 2
	if e.to > len(file) {
		return e, "the file is cut off"
	}
	const before = "endobj\n"
	start := bytes.LastIndex(file[:at], []byte(before)) + len(before)
	if e.from-start > maxHead {
		return e, "the signature dictionary is not as it was written"
	}
	head := headForm.FindSubmatch(file[start:e.from])
	if head == nil {
		return e, "the signature dictionary is not as it was written"
	}
	want := fmt.Sprintf("%010d %010d %010d", e.from, e.to, len(file)-e.to)
	if string(file[e.from-len(want)-len("]/Contents"):e.from-len("]/Contents")]) != want {
		return e, "the signature does not cover the whole file"
	}
	if why = checkTail(file, e.to, start, string(head[1])); why != "" {
		return e, why
	}
	e.modified = string(head[2])
	e.info = make([]byte, hex.DecodedLen(len(head[3])))
	if _, err := hex.Decode(e.info, head[3]); err != nil {
		return e, "the licence's own data cannot be read"
	}
	e.der, why = openHole(file[e.from:e.to])
	return e, why
}

// checkTail proves that the file ends with the revision the signature belongs to, and that its table leads to the signature dictionary.
func checkTail(file []byte, to, sigAt int, sigNo string) string {
	if len(file)-to > 2048 {
		return "something follows the signature"
	}
	tail := tailForm.FindSubmatchIndex(file[to:])
	if tail == nil {
		return "the end of the file is not as it was written"
	}
	xref := to + len(">>\nendobj\n")
	if start, err := strconv.Atoi(string(file[to:][tail[4]:tail[5]])); err != nil || start != xref {
		return "the end of the file points elsewhere"
	}
	entry := fmt.Sprintf("%s 1\n%010d 00000 n \n", sigNo, sigAt)
	if !bytes.Contains(file[to:][tail[2]:tail[3]], []byte(entry)) {
		return "the table of objects does not lead to the signature"
	}
	return ""
}

// openHole takes the one DER element out of the hole; all around it must be lower-case hexadecimal and zeros.
func openHole(hole []byte) (der []byte, why string) {
	inner := hole[1 : len(hole)-1]
	for _, c := range inner {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return nil, "the signature is not in lower-case hexadecimal"
		}
	}
	raw := make([]byte, len(inner)/2)
	if _, err := hex.Decode(raw, inner); err != nil || hole[0] != '<' || hole[len(hole)-1] != '>' {
		return nil, "the signature is not in lower-case hexadecimal"
	}
	if raw[0] != 0x30 || raw[1] != 0x82 { // a CMS with a certificate has 256 to 65,535 bytes
		return nil, "the signature container is not canonical"
	}
	n := 4 + int(raw[2])<<8 + int(raw[3])
	if n > len(raw) || len(bytes.Trim(raw[n:], "\x00")) > 0 {
		return nil, "something is hidden behind the signature"
	}
	return raw[:n], ""
}
