package identity

import (
	"context"
	"time"

	"tongban/internal/base/authz"
	"tongban/internal/base/errs"
)

const (
	faceLife  = 15 * time.Minute // from beginning to coming back
	faceFresh = 10 * time.Minute // how old the provider's answer may be
)

// BeginFace begins a face check of the signed-in person with the provider and gives the address to lead them to; they come back to back with the
// provider's id. Errors: Forbidden "identity.need_level" (name and number first), TooMany, Unavailable "identity.face_away".
func (s *Service) BeginFace(ctx context.Context, a authz.Actor, back string) (url string, err error) {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return "", err
	}
	p, err := s.Person(ctx, se.personID)
	if err != nil {
		return "", err
	}
	if p.Number == "" {
		return "", errs.New(errs.Forbidden, "identity.need_level")
	}
	return s.beginFace(ctx, "face:", p.ID, p.Name, p.Number, se.id, back)
}

// FinishFace takes what the face check came to and, if it passed, raises the session to level 3 and gives its new token. Errors: Gone
// "identity.face_gone" (another's, used or too old), Conflict "identity.face_pending", Invalid "identity.face_failed", Unavailable.
func (s *Service) FinishFace(ctx context.Context, a authz.Actor, id string) (token string, err error) {
	se, err := s.actorSession(ctx, a)
	if err != nil {
		return "", err
	}
	if err := s.facePassed(ctx, se.personID, se.id, id); err != nil {
		return "", err
	}
	return s.stepped(ctx, a, se, "face", Proof{Level: LevelFace, Method: ByFace})
}
