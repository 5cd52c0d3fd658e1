package govstack

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/blob"
	"tongban/internal/base/db"
	"tongban/internal/base/errs"
	"tongban/internal/base/ident"
	"tongban/internal/domain/cases"
)

// MaxDocument is the most a document may hold, in bytes; what a material takes may be less.
const MaxDocument = 50 << 20

// Document is a file on its way to an application. It is kept for a week.
type Document struct {
	ID, Material, Name, MIME string
	Size                     int64
	At                       time.Time
	memberID, blobID         string
}

// keepDocuments is how long a document waits for its application.
const keepDocuments = 7 * 24 * time.Hour

// URL is where a document has its address: applications name it by that, or by its id.
func (s *Service) URL(id string) string { return s.PublicURL + Base + "/documents/" + id }

// Upload keeps a file. metadata is the key of the material it is for, alone or as {"material": …, "name": …}. Nothing in it is errs.BadRequest
// govstack.document_empty, too much errs.TooLarge.
func (s *Service) Upload(ctx context.Context, m Member, name, metadata string, body io.Reader) (Document, error) {
	d := Document{ID: ident.New(), memberID: m.ID, Name: name, At: s.Now()}
	d.describe(metadata)
	head := make([]byte, 512)
	n, err := io.ReadFull(body, head)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return Document{}, err
	}
	if n == 0 {
		return Document{}, errs.New(errs.BadRequest, "govstack.document_empty")
	}
	if _, d.MIME = blob.Sniff(head[:n]); d.MIME == "" {
		d.MIME = "application/octet-stream"
	}
	ref, err := s.Blobs.Put(ctx, io.MultiReader(bytes.NewReader(head[:n]), body), d.MIME, MaxDocument)
	if err != nil {
		return Document{}, err
	}
	d.blobID, d.Size = ref.ID, ref.Size
	return d, s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error {
		if err := s.putDocumentTx(ctx, tx, d); err != nil {
			return err
		}
		if err := s.Blobs.KeepTx(ctx, tx, d.At, ref, "govstack:"+d.ID); err != nil {
			return err
		}
		return s.record(ctx, tx, d.At, authz.Actor{Via: "api"}, "upload", m.ID, d.ID)
	})
}

func (d *Document) describe(metadata string) {
	var said struct{ Material, Name string }
	metadata = strings.TrimSpace(metadata)
	if json.Unmarshal([]byte(metadata), &said) != nil {
		said.Material = metadata
	}
	if len(said.Material) <= 100 {
		d.Material = said.Material
	}
	if said.Name != "" {
		d.Name = said.Name
	}
	if d.Name = path.Base(strings.ReplaceAll(d.Name, `\`, "/")); d.Name == "." || d.Name == "/" || len(d.Name) > 255 {
		d.Name = "document"
	}
}

// open finds the documents an application names and opens them.
func (s *Service) open(ctx context.Context, m Member, named []string, out *sent) error {
	for i, n := range named {
		id := n[strings.LastIndex(n, "/")+1:]
		at := "documentUrls/" + strconv.Itoa(i)
		d, err := s.document(ctx, m.ID, id)
		if errs.KindOf(err) == errs.NotFound {
			return invalid(at, "govstack.document_unknown")
		}
		if err != nil {
			return err
		}
		if d.Material == "" {
			return invalid(at, "govstack.document_material")
		}
		body, err := s.Blobs.Get(d.blobID)
		if err != nil {
			return err
		}
		out.docs, out.ids = append(out.docs, d), append(out.ids, d.ID)
		out.Files = append(out.Files, cases.Upload{Material: d.Material, ClientKey: "govstack:" + d.ID, Name: d.Name, Size: d.Size, Body: body})
	}
	return nil
}

func (s *Service) dropDocumentsTx(ctx context.Context, tx *db.Tx, docs []Document) error {
	for _, d := range docs {
		gone, err := deleteDocumentTx(ctx, tx, d.ID)
		if err != nil {
			return err
		}
		if !gone {
			continue
		}
		if err := s.Blobs.DropTx(ctx, tx, d.blobID); err != nil {
			return err
		}
	}
	return nil
}

// Sweep drops documents no application came for.
func (s *Service) Sweep(ctx context.Context) error {
	for {
		docs, err := s.oldDocuments(ctx, s.Now().Add(-keepDocuments), 200)
		if err != nil || len(docs) == 0 {
			return err
		}
		if err := s.DB.Tx(ctx, func(ctx context.Context, tx *db.Tx) error { return s.dropDocumentsTx(ctx, tx, docs) }); err != nil {
			return err
		}
	}
}
