package govstackweb

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"time"

	"tongban/internal/base/errs"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/govstack"
	"tongban/internal/engine/clock"
)

func (h handlers) services(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	found, err := h.GovStack.Services(r.Context(), m, strings.TrimSpace(r.URL.Query().Get("name")))
	if err != nil {
		return err
	}
	out := []Service{}
	for _, it := range found {
		_, open, err := h.GovStack.Service(r.Context(), m, it.Key)
		if errs.KindOf(err) == errs.NotFound {
			continue // withdrawn just now
		}
		if err != nil {
			return err
		}
		out = append(out, serviceDoc(it, open))
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h handlers) service(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	it, open, err := h.GovStack.Service(r.Context(), m, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, serviceDoc(it, open))
}

func (h handlers) eForms(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	if _, _, err := h.GovStack.Service(r.Context(), m, r.PathValue("id")); err != nil {
		return err
	}
	f, err := h.GovStack.EForm(r.Context(), m, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, []EFormListItem{eFormItem(f)})
}

func (h handlers) eForm(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	f, err := h.GovStack.EForm(r.Context(), m, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, EForm{EFormListItem: eFormItem(f), Schema: f.Schema})
}

func (h handlers) file(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	var in ApplicationFileSubmit
	if err := read(r, &in); err != nil {
		return err
	}
	sub := in.submission()
	if sub.Key = r.Header.Get("Idempotency-Key"); len(sub.Key) > 150 {
		return errs.New(errs.BadRequest, "base.bad_request")
	}
	a, err := h.GovStack.File(r.Context(), m, r.PathValue("id"), sub)
	if err != nil {
		return pointed(err)
	}
	return web.JSON(w, http.StatusOK, applicationDoc(r.Context(), a))
}

func (h handlers) answer(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	var in ApplicationFileSubmit
	if err := read(r, &in); err != nil {
		return err
	}
	a, err := h.GovStack.Answer(r.Context(), m, r.PathValue("id"), in.submission())
	if err != nil {
		return pointed(err)
	}
	return web.JSON(w, http.StatusOK, applicationDoc(r.Context(), a))
}

func (h handlers) application(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	a, err := h.GovStack.Application(r.Context(), m, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, applicationDoc(r.Context(), a))
}

func (h handlers) applications(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	offset, limit, desc, err := page(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	found, err := h.GovStack.Applications(r.Context(), m, govstack.ApplicationFilter{
		Service: serviceOf(q), ApplicantID: q.Get("applicantId"), Offset: offset, Limit: limit, Desc: desc,
	})
	if err != nil {
		return err
	}
	out := []ApplicationListItem{}
	for _, a := range found {
		out = append(out, listDoc(r.Context(), h, a))
	}
	return web.JSON(w, http.StatusOK, out)
}

// serviceOf reads which service is meant: versions of the standard name it differently.
func serviceOf(q url.Values) string {
	if id := q.Get("serviceId"); id != "" {
		return id
	}
	return q.Get("serviceKey")
}

func (h handlers) tasks(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	offset, limit, desc, err := page(r)
	if err != nil {
		return err
	}
	q := r.URL.Query()
	f := cases.TaskFilter{CaseID: q.Get("fileId"), Staff: q.Get("assigneeId"), Offset: offset, Limit: limit, Desc: desc}
	if main := q.Get("mainTaskId"); main != "" { // the case itself
		if f.CaseID != "" && f.CaseID != main {
			return web.JSON(w, http.StatusOK, []UserTask{})
		}
		f.CaseID = main
	}
	found, err := h.GovStack.Tasks(r.Context(), m, f)
	if err != nil {
		return err
	}
	out := []UserTask{}
	for _, t := range found {
		out = append(out, taskDoc(r.Context(), t))
	}
	return web.JSON(w, http.StatusOK, out)
}

func (h handlers) task(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	t, err := h.GovStack.Task(r.Context(), m, r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, taskDataDoc(r.Context(), t))
}

func (h handlers) complete(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	var in TaskCompletion
	if err := read(r, &in); err != nil {
		return err
	}
	t, err := h.GovStack.Complete(r.Context(), m, r.PathValue("id"), in.completion())
	if err != nil {
		return inData(err)
	}
	return web.JSON(w, http.StatusOK, CompletedTask{
		TaskID: t.ID, FileID: t.CaseID, ServiceID: t.Case.ItemKey, ServiceKey: t.Case.ItemKey, Status: taskStatus(r.Context(), t.Task),
		Variables: map[string]AdditionalData{"application": {Data: map[string]any{"state": t.Case.State, "version": t.Case.Version}}},
	})
}

// upload takes the part called file: a file, or its bytes in base64.
func (h handlers) upload(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	name, body, err := uploaded(r)
	if err != nil {
		return err
	}
	d, err := h.GovStack.Upload(r.Context(), m, name, r.URL.Query().Get("additionalMetadata"), body)
	if err != nil {
		return err
	}
	return web.JSON(w, http.StatusOK, UploadResponse{Code: http.StatusOK, Type: d.MIME, Message: d.ID, URL: h.GovStack.URL(d.ID)})
}

func uploaded(r *http.Request) (string, io.Reader, error) {
	empty := errs.New(errs.BadRequest, "govstack.document_empty")
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err == nil && kind == "application/x-www-form-urlencoded":
		f, err := web.Form(r)
		if err != nil {
			return "", nil, err
		}
		return "", base64.NewDecoder(base64.StdEncoding, strings.NewReader(strings.TrimSpace(f.Get("file")))), nil
	case err != nil || kind != "multipart/form-data" || params["boundary"] == "":
		return "", nil, empty
	}
	mr := multipart.NewReader(r.Body, params["boundary"])
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			return "", nil, empty
		}
		if err != nil {
			return "", nil, errs.Wrap(err, errs.BadRequest, "base.bad_request")
		}
		if part.FormName() != "file" {
			continue
		}
		if part.FileName() == "" {
			return "", base64.NewDecoder(base64.StdEncoding, part), nil
		}
		return part.FileName(), part, nil
	}
}

func (h handlers) statistics(w http.ResponseWriter, r *http.Request, m govstack.Member) error {
	q := r.URL.Query()
	in := govstack.StatisticsQuery{Service: q.Get("registrationName"), Operator: q.Get("operator"), Role: q.Get("role"), Timeframe: q.Get("timeframe")}
	for name, to := range map[string]*time.Time{"startDate": &in.From, "endDate": &in.To} {
		if s := q.Get(name); s != "" {
			d, err := time.ParseInLocation(time.DateOnly, s, clock.Shanghai)
			if err != nil {
				return errs.New(errs.BadRequest, "govstack.date", errs.P{"name": name})
			}
			*to = d
		}
	}
	lines, err := h.GovStack.Statistics(r.Context(), m, in)
	if err != nil {
		return err
	}
	out := []Statistics{}
	for _, l := range lines {
		out = append(out, statisticsDoc(in, l))
	}
	return web.JSON(w, http.StatusOK, out)
}

// pointed turns the places of findings into pointers into an application: form.x is /formData/data/x, a material one of the documents.
func pointed(err error) error {
	return moved(err, func(path string) string {
		head, rest, _ := strings.Cut(path, ".")
		switch head {
		case "form":
			return "/formData/data/" + slashes(rest)
		case "scenario":
			return strings.TrimSuffix("/formData/data/_scenario/"+slashes(rest), "/")
		case "material":
			return "/documentUrls#" + rest
		case "contact", "name", "number", "kind", "phone", "credit_code", "behalf":
			return "/applicant/" + slashes(path)
		}
		return path
	})
}

// inData turns the places of findings into pointers into what is said on a task.
func inData(err error) error {
	return moved(err, func(path string) string {
		if strings.HasPrefix(path, "data/") || path == "" {
			return path
		}
		return "data/" + slashes(path)
	})
}

func slashes(s string) string { return strings.ReplaceAll(s, ".", "/") }

func moved(err error, to func(string) string) error {
	e := errs.As(err)
	if e == nil || len(e.Fields) == 0 {
		return err
	}
	c := *e
	c.Fields = nil
	for _, f := range e.Fields {
		if !strings.Contains(f.Path, "/") {
			f.Path = to(f.Path)
		}
		c.Fields = append(c.Fields, f)
	}
	return &c
}

func word(ctx context.Context, key string) string { return t(ctx, key) }
