package errs_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tongban/internal/base/errs"
)

func TestKindOfFollowsTheChain(t *testing.T) {
	cause := errors.New("disk I/O error")
	for _, c := range []struct {
		err  error
		want errs.Kind
	}{
		{errs.New(errs.Conflict, "cases.moved_meanwhile"), errs.Conflict},
		{fmt.Errorf("accept case 1: %w", errs.New(errs.NotFound, "cases.not_found")), errs.NotFound},
		{errs.Wrap(cause, errs.Full, "base.disk_full"), errs.Full},
		{fmt.Errorf("query: %w", context.DeadlineExceeded), errs.Unavailable},
		{cause, errs.Internal},
	} {
		if got := errs.KindOf(c.err); got != c.want {
			t.Errorf("KindOf(%v) = %v, want %v", c.err, got, c.want)
		}
	}
	if !errors.Is(errs.Wrap(cause, errs.Full, "base.disk_full"), cause) {
		t.Error("Wrap lost its cause")
	}
}

func TestFieldsOfNothingIsNil(t *testing.T) {
	if err := errs.Fields("form.invalid", nil); err != nil {
		t.Errorf("Fields(nil) = %v", err)
	}
	err := errs.Fields("form.invalid", []errs.Field{{Path: "shop.area", Key: "form.required"}})
	if errs.KindOf(err) != errs.Invalid || !errs.Is(err, "form.invalid") {
		t.Errorf("Fields = %v", err)
	}
}
