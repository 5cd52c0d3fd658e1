package counterweb

import (
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strconv"
	"strings"
	"time"

	"tongban/internal/base/blob"
	"tongban/internal/base/errs"
	"tongban/internal/base/i18n"
	"tongban/internal/base/ident"
	"tongban/internal/base/ui"
	"tongban/internal/base/web"
	"tongban/internal/domain/cases"
	"tongban/internal/domain/counter"
)

// phoneView is the clerk's page: the code for the visitor's phone, and what arrives from it.
type phoneView struct {
	counter.Phone
	Address string
	Live    bool
	Until   string
	Pages   []arrived
	Errors  []errs.Field
	State   string // of what arrived: the page asks again with it and is answered only when something changed
}

type arrived struct {
	counter.PhonePage
	MaterialName string
}

func (h handlers) openPhone(w http.ResponseWriter, r *http.Request) error {
	p, err := h.Counter.OpenPhone(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return err
	}
	return web.SeeOther(w, r, "/window/phones/"+p.ID)
}

func (h handlers) phone(w http.ResponseWriter, r *http.Request) error {
	v, err := h.phoneView(r)
	if err != nil {
		return err
	}
	if seen := r.URL.Query().Get("seen"); seen == v.State && seen != "" {
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return web.Render(w, r, phonePage(v))
}

func (h handlers) phoneView(r *http.Request) (phoneView, error) {
	p, ps, wants, err := h.Counter.Phone(r.Context(), actor(r), r.PathValue("id"))
	if err != nil {
		return phoneView{}, err
	}
	v := phoneView{Phone: p, Live: p.Open(h.Now()), Until: clockTime(p.Expires), Address: h.PhoneURL + "/u/" + h.Counter.Token(p.ID)}
	names := map[string]string{}
	for _, w := range wants {
		names[w.Key] = w.Name
	}
	state := []string{strconv.FormatBool(v.Live)}
	for _, x := range ps {
		name := names[x.Material]
		if name == "" {
			name = x.Material
		}
		v.Pages = append(v.Pages, arrived{PhonePage: x, MaterialName: name})
		state = append(state, x.ID[len(x.ID)-6:]+x.State[:1])
	}
	v.State = strings.Join(state, "-")
	return v, nil
}

func (h handlers) closePhone(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if err := h.Counter.ClosePhone(r.Context(), actor(r), id); err != nil {
		return err
	}
	return web.SeeOther(w, r, "/window/phones/"+id)
}

// page shows a photograph that waits to be confirmed.
func (h handlers) page(w http.ResponseWriter, r *http.Request) error {
	x, body, err := h.Counter.PageFile(r.Context(), actor(r), r.PathValue("id"), r.PathValue("page"))
	if err != nil {
		return err
	}
	defer body.Close()
	return web.File(w, x.Name, x.MIME, true, body)
}

// settle confirms a page or throws it away.
func (h handlers) settle(w http.ResponseWriter, r *http.Request) error {
	f, err := web.Form(r)
	if err != nil {
		return err
	}
	ctx, a, id, page := r.Context(), actor(r), r.PathValue("id"), r.PathValue("page")
	if f.Get("act") == "drop" {
		err = h.Counter.DropPage(ctx, a, id, page)
	} else {
		err = h.Counter.TakePage(ctx, a, id, page)
	}
	if err == nil {
		return web.SeeOther(w, r, "/window/phones/"+id)
	}
	fs, ok := explain(err)
	if !ok || web.StatusOf(err) == http.StatusNotFound {
		return err
	}
	v, verr := h.phoneView(r)
	if verr != nil {
		return verr
	}
	v.Errors = fs
	return web.RenderStatus(w, r, web.StatusOf(err), phonePage(v))
}

// uploadView is all the visitor's phone sees: the matter's name, the materials' names, and what it sent.
type uploadView struct {
	counter.PhoneView
	Token string
	Until string
	Key   string
	At    string // the material an error is about
	Error string
}

func (h handlers) upload(w http.ResponseWriter, r *http.Request) error {
	v, err := h.uploadView(r, "", nil)
	if err != nil {
		return err
	}
	return web.Render(w, r, uploadPage(v))
}

func (h handlers) uploadView(r *http.Request, at string, cause error) (uploadView, error) {
	token := r.PathValue("token")
	pv, err := h.Counter.Seen(r.Context(), token)
	v := uploadView{PhoneView: pv, Token: token, Until: clockTime(pv.Expires), Key: ident.Secret(8), At: at}
	if cause != nil {
		v.Error = i18n.Err(r.Context(), cause)
	}
	return v, err
}

// take streams photographs of one material in.
func (h handlers) take(w http.ResponseWriter, r *http.Request) error {
	material := r.PathValue("material")
	_, cause := h.Counter.Seen(r.Context(), r.PathValue("token")) // a wrong address is told before a byte is read
	if cause == nil {
		cause = h.receive(r, material)
	}
	if cause == nil {
		return web.SeeOther(w, r, "/u/"+r.PathValue("token")+"#"+ui.FieldID(material)+"-box")
	}
	_, _ = io.Copy(io.Discard, r.Body) // the browser reads our answer only after it has sent everything
	if st := web.StatusOf(cause); st == http.StatusInternalServerError || st == http.StatusNotFound || st == http.StatusGone {
		return cause
	}
	v, err := h.uploadView(r, material, cause)
	if err != nil {
		return err
	}
	return web.RenderStatus(w, r, http.StatusUnprocessableEntity, uploadPage(v))
}

func (h handlers) receive(r *http.Request, material string) error {
	mr, err := r.MultipartReader()
	if err != nil {
		return errs.Wrap(err, errs.BadRequest, "base.bad_request")
	}
	key, n := ident.Secret(12), 0
	for {
		part, err := mr.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return cut(err)
		}
		switch {
		case part.FormName() == "_key":
			if b, err := io.ReadAll(io.LimitReader(part, 100)); err == nil && len(b) > 0 {
				key = string(b)
			}
		case part.FileName() != "":
			n++
			if err := h.one(r, part, material, key+"-"+itoa(n)); err != nil {
				return err
			}
		}
	}
	if n == 0 {
		return errs.New(errs.Invalid, "counter.phone_no_file")
	}
	return nil
}

func (h handlers) one(r *http.Request, part *multipart.Part, material, key string) error {
	_, err := h.Counter.SendPage(r.Context(), web.Origin(r), r.PathValue("token"), key, material, part.FileName(), part)
	return cut(err)
}

// cut tells a body that ended in the middle or is too large from other failures.
func cut(err error) error {
	var big *http.MaxBytesError
	switch {
	case err == nil || errs.As(err) != nil:
		return err
	case errors.As(err, &big):
		return errs.Wrap(err, errs.TooLarge, "base.too_large", errs.P{"max": blob.Human(big.Limit)})
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errs.Wrap(err, errs.BadRequest, "base.upload_cut")
	}
	return err
}

// box is one material as an upload box.
func (v uploadView) box(w cases.Wanted) ui.UploadView {
	u := ui.UploadView{
		Name: w.Key, Label: w.Name, Hint: w.Fill, Accept: accepts(w.Formats), Limit: itoa(w.MaxMB) + " MB", Required: w.Required, Multiple: w.MaxFiles > 1,
		Action: "/u/" + v.Token + "/" + w.Key, Hidden: []ui.KV{{Key: "_key", Value: v.Key + "-" + w.Key}},
	}
	if v.At == w.Key {
		u.Error = v.Error
	}
	n := w.Have
	for _, p := range v.Pages {
		if p.Material == w.Key {
			u.Files = append(u.Files, ui.UploadFile{Name: p.Name, Size: blob.Human(p.Size), State: pageStates[p.State]})
			if p.State == counter.PageWaiting {
				n++
			}
		}
	}
	u.ReadOnly = n >= w.MaxFiles
	return u
}

var pageStates = map[string]ui.UploadState{counter.PageWaiting: ui.Uploaded, counter.PageTaken: ui.Checked}

func accepts(formats []string) string {
	var out []string
	for _, f := range formats {
		out = append(out, "."+strings.TrimPrefix(f, "."))
	}
	return strings.Join(out, ",")
}

// fewLeft is how many more files a phone may send when it is told so; before that the bound concerns nobody.
const fewLeft = 10

// every is how often the clerk's page looks for what arrived.
const every = 3 * time.Second
