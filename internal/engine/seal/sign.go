package seal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/smx509"

	"tongban/internal/base/errs"
	"tongban/internal/engine/cnid"
)

// holeSize is the room for the CMS in hexadecimal characters: 4 KB of DER, enough for a chain of three certificates.
const holeSize = 8192

// Info is what a signed file says about itself in clear, inside the signed bytes. All of it is empty for papers that are not licences.
type Info struct {
	ID         string `json:"id,omitempty"`          // 证照标识 (GB/T 36904-2018) with its check character
	Kind       string `json:"kind,omitempty"`        // licence type, for people
	ValidUntil string `json:"valid_until,omitempty"` // last day of validity, YYYY-MM-DD in China; empty means no end
	Test       bool   `json:"test,omitempty"`
}

var beijing = time.FixedZone("CST", 8*3600)

// update is the PDF before signing, as far as signing must know it.
type update struct {
	in               []byte
	prev, size       int
	root, info, page int
	id               string
	catalog, first   string // bodies of the catalog and of the first page
}

var (
	endForm     = regexp.MustCompile(`trailer\n<</Size (\d+)/Root (\d+) 0 R/Info (\d+) 0 R/ID(\[<[0-9a-f]{32}><[0-9a-f]{32}>\])>>\nstartxref\n(\d+)\n%%EOF\n$`)
	pagesRef    = regexp.MustCompile(`/Pages (\d+) 0 R`)
	firstKid    = regexp.MustCompile(`/Kids\[(\d+) 0 R`)
	errNotOurs  = errors.New("not a PDF written by engine/pdf")
	signedMarks = []string{"/ByteRange", "/SubFilter", "/Type/Sig", "/SigFlags", "Adobe.PPKLite", "adbe.pkcs7", "/TongbanLicence", "/Contents<"}
)

// SignPDF seals a PDF written by engine/pdf: it appends one revision with the signature dictionary, the licence's info and a detached
// SM2/SM3 CMS. at is the signing time. It returns errs.Invalid "seal.unsupported_pdf" for other files and files already signed,
// "seal.bad_info" for an info Verify would not accept, and errs.Conflict "seal.certificate_not_valid" outside the certificate's time.
func SignPDF(in []byte, s Signer, at time.Time, info Info) ([]byte, error) {
	at = at.Truncate(time.Second)
	chain := s.Chain()
	if len(chain) == 0 || len(chain) > maxChain {
		return nil, errs.New(errs.Invalid, "seal.bad_certificate")
	}
	for _, c := range chain {
		if at.Before(c.NotBefore) || at.After(c.NotAfter) {
			return nil, errs.New(errs.Conflict, "seal.certificate_not_valid", errs.P{"name": c.Subject.CommonName})
		}
	}
	if err := info.check(); err != nil {
		return nil, err
	}
	u, err := readUpdate(in)
	if err != nil {
		return nil, errs.Wrap(err, errs.Invalid, "seal.unsupported_pdf")
	}
	out, from, to, err := u.write(chain[0], at, info)
	if err != nil {
		return nil, err
	}
	c := cms{chain: chain, digest: digestAround(out, from, to), signed: at}
	attrs, err := c.attributes()
	if err != nil {
		return nil, fmt.Errorf("seal: encode attributes: %w", err)
	}
	if c.signature, err = s.Sign(attrs); err != nil {
		return nil, fmt.Errorf("seal: sign: %w", err)
	}
	if !c.verify() {
		return nil, errors.New("seal: the signer's signature does not verify with its own certificate")
	}
	der, err := c.build()
	if err != nil || len(der)*2 > holeSize {
		return nil, fmt.Errorf("seal: signature of %d bytes does not fit: %w", len(der), err)
	}
	hex.Encode(out[from+1:], der)
	return out, nil
}

func (i Info) check() error {
	if i.ValidUntil != "" {
		if _, err := time.Parse(time.DateOnly, i.ValidUntil); err != nil {
			return errs.Wrap(err, errs.Invalid, "seal.bad_info", errs.P{"field": "valid_until"})
		}
	}
	if i.ID != "" && cnid.CheckLicenceID(i.ID) != nil {
		return errs.New(errs.Invalid, "seal.bad_info", errs.P{"field": "id"})
	}
	if len(i.Kind) > 300 || len(i.ID) > 200 {
		return errs.New(errs.Invalid, "seal.bad_info", errs.P{"field": "kind"})
	}
	return nil
}

// digestAround gives the SM3 of a file without the bytes from…to.
func digestAround(file []byte, from, to int) []byte {
	h := sm3.New()
	h.Write(file[:from])
	h.Write(file[to:])
	return h.Sum(nil)
}

func readUpdate(in []byte) (u update, err error) {
	for _, mark := range signedMarks {
		if bytes.Contains(in, []byte(mark)) {
			return u, fmt.Errorf("%w: contains %s", errNotOurs, mark)
		}
	}
	m := endForm.FindSubmatch(in[max(0, len(in)-400):])
	if m == nil || !bytes.HasPrefix(in, []byte("%PDF-1.")) {
		return u, errNotOurs
	}
	num := func(b []byte) int { n, _ := strconv.Atoi(string(b)); return n } // too large gives the largest int, which points nowhere
	u = update{in: in, size: num(m[1]), root: num(m[2]), info: num(m[3]), id: string(m[4]), prev: num(m[5])}
	if u.catalog, err = u.object(u.root); err != nil {
		return u, err
	}
	pages := pagesRef.FindStringSubmatch(u.catalog)
	if pages == nil || strings.Contains(u.catalog, "/AcroForm") {
		return u, errNotOurs
	}
	tree, err := u.object(num([]byte(pages[1])))
	if err != nil {
		return u, err
	}
	kid := firstKid.FindStringSubmatch(tree)
	if kid == nil {
		return u, errNotOurs
	}
	u.page = num([]byte(kid[1]))
	u.first, err = u.object(u.page)
	if err == nil && (!strings.Contains(u.first, "/Type/Page/") || strings.Contains(u.first, "/Annots")) {
		err = errNotOurs
	}
	return u, err
}

// object finds a dictionary by the cross-reference table.
func (u update) object(n int) (string, error) {
	head := fmt.Sprintf("xref\n0 %d\n", u.size)
	if u.prev > len(u.in) || !bytes.HasPrefix(u.in[u.prev:], []byte(head)) || n <= 0 || n >= u.size {
		return "", errNotOurs
	}
	at := u.prev + len(head) + 20*n
	if at+20 > len(u.in) {
		return "", errNotOurs
	}
	off, err := strconv.Atoi(string(u.in[at : at+10]))
	if err != nil || off >= len(u.in) {
		return "", errNotOurs
	}
	body, ok := bytes.CutPrefix(u.in[off:], []byte(strconv.Itoa(n)+" 0 obj\n"))
	end := bytes.Index(body, []byte(">>\nendobj\n"))
	if !ok || end < 0 {
		return "", errNotOurs
	}
	return string(body[:end]), nil // without the closing >>, so that entries can be added
}

// write appends the revision and gives the file with an empty hole, and the hole's first byte '<' and the byte after its '>'.
func (u update) write(cert *smx509.Certificate, at time.Time, info Info) (out []byte, from, to int, err error) {
	about, err := json.Marshal(info)
	if err != nil {
		return nil, 0, 0, fmt.Errorf("seal: encode info: %w", err)
	}
	sig, field := u.size, u.size+1
	var o bytes.Buffer
	o.Write(u.in)
	offs := map[int]int{}
	put := func(n int, body string) {
		offs[n] = o.Len()
		fmt.Fprintf(&o, "%d 0 obj\n%s>>\nendobj\n", n, body)
	}
	put(u.root, u.catalog+fmt.Sprintf("/AcroForm<</SigFlags 3/Fields[%d 0 R]>>", field))
	put(u.page, u.first+fmt.Sprintf("/Annots[%d 0 R]", field))
	put(field, fmt.Sprintf("<</Type/Annot/Subtype/Widget/FT/Sig/T(Seal1)/F 132/Rect[0 0 0 0]/P %d 0 R/V %d 0 R", u.page, sig))
	offs[sig] = o.Len()
	fmt.Fprintf(&o, "%d 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/adbe.pkcs7.detached/Name<%s>/M(D:%s+08'00')/TongbanLicence<%s>/ByteRange",
		sig, utf16Hex(cert.Subject.CommonName), at.In(beijing).Format("20060102150405"), hex.EncodeToString(about))
	br := o.Len()
	from = br + len("[0 0000000000 0000000000 0000000000]/Contents")
	to = from + holeSize + 2
	o.WriteString("[0 0000000000 0000000000 0000000000]/Contents<" + strings.Repeat("0", holeSize) + ">>>\nendobj\n")
	start := o.Len()
	o.WriteString("xref\n")
	nums := []int{u.root, u.page, sig, field}
	slices.Sort(nums)
	for _, n := range nums {
		fmt.Fprintf(&o, "%d 1\n%010d 00000 n \n", n, offs[n])
	}
	fmt.Fprintf(&o, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID%s/Prev %d>>\nstartxref\n%d\n%%%%EOF\n", u.size+2, u.root, u.info, u.id, u.prev, start)
	out = o.Bytes()
	copy(out[br:], fmt.Sprintf("[0 %010d %010d %010d]", from, to, len(out)-to))
	return out, from, to, nil
}

func utf16Hex(s string) string {
	b := []byte("FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		b = fmt.Appendf(b, "%04X", u)
	}
	return string(b)
}
