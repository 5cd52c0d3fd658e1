package archive

import (
	"context"
	"fmt"
	"io"

	"tongban/internal/domain/cases"
)

// talkPath is where what was said about a case stands in its package.
const talkPath = "talk/record.json"

// Talk is what applicant and officers said to each other about a case. Record is written as it is; Empty: nobody said anything.
type Talk struct {
	Record any
	Files  []TalkFile
	Empty  bool
}

// TalkFile is the attachment of a message.
type TalkFile struct {
	ID, Name, MIME, SM3 string
	Size                int64
	Officer             bool // sent by the agency
	Open                func() (io.ReadCloser, error)
}

// talk adds the conversation about a case.
func (s *Service) talk(ctx context.Context, p *pack, d cases.Dossier) error {
	if s.Talk == nil {
		return nil
	}
	t, err := s.Talk(ctx, d.Case.ID)
	if err != nil || t.Empty {
		return err
	}
	p.json(Entry{Path: talkPath, Title: "沟通、催办和抄送记录", Kind: KindLog}, t.Record)
	for i, f := range t.Files {
		e := Entry{Path: fmt.Sprintf("talk/%03d.%s", i+1, extension(f.MIME)), Title: "沟通记录的附件", File: f.Name, Kind: KindRecord, Origin: OriginApplicant, MIME: f.MIME, Size: f.Size, SM3: f.SM3, Ref: f.ID}
		if f.Officer {
			e.Origin = OriginAgency
		}
		p.parts = append(p.parts, part{Entry: e, open: f.Open})
	}
	return nil
}
