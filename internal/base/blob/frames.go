package blob

import (
	"bufio"
	"crypto/cipher"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/emmansun/gmsm/sm4"

	"tongban/internal/base/vault"
)

// A file is: a 2-byte length, the sealed data key, then frames. A frame is SM4-GCM over up to frameSize plain bytes; its nonce is its number, its
// additional data says whether it is the last, so frames can be neither reordered nor cut off. The data key is the file's own.
const frameSize = 64 << 10

var errAltered = errors.New("blob: file was altered or cut off")

func aad(id string) string { return "blob_file.key." + id }

func gcm(key []byte) (cipher.AEAD, error) {
	b, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(b)
}

func nonce(n uint64) []byte { return binary.BigEndian.AppendUint64(make([]byte, 4), n) }

func lastMark(last bool) []byte {
	if last {
		return []byte{1}
	}
	return []byte{0}
}

func encrypt(w io.Writer, r io.Reader, v *vault.Vault, id string) error {
	key := make([]byte, sm4.BlockSize)
	_, _ = rand.Read(key)
	a, err := gcm(key)
	if err != nil {
		return err
	}
	sealed := v.Seal(aad(id), key)
	if _, err := w.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(sealed))), sealed...)); err != nil { //nolint:gosec // a few dozen bytes
		return err
	}
	in := bufio.NewReaderSize(r, frameSize+1)
	buf, out := make([]byte, frameSize), make([]byte, 0, frameSize+16)
	for n := uint64(0); ; n++ {
		k, err := io.ReadFull(in, buf)
		if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		if err == nil {
			if _, err = in.Peek(1); err != nil && !errors.Is(err, io.EOF) {
				return err
			}
		}
		last := err != nil
		if _, err := w.Write(a.Seal(out, nonce(n), buf[:k], lastMark(last))); err != nil {
			return err
		}
		if last {
			return nil
		}
	}
}

type frames struct {
	in   *bufio.Reader
	a    cipher.AEAD
	n    uint64
	buf  []byte
	rest []byte
	done bool
}

func decrypt(r io.Reader, v *vault.Vault, id string) (io.Reader, error) {
	in := bufio.NewReaderSize(r, frameSize+16+1)
	var size uint16
	if err := binary.Read(in, binary.BigEndian, &size); err != nil {
		return nil, fmt.Errorf("%w: %w", errAltered, err)
	}
	sealed := make([]byte, size)
	if _, err := io.ReadFull(in, sealed); err != nil {
		return nil, fmt.Errorf("%w: %w", errAltered, err)
	}
	key, err := v.Open(aad(id), sealed)
	if err != nil {
		return nil, err
	}
	a, err := gcm(key)
	if err != nil {
		return nil, errAltered
	}
	return &frames{in: in, a: a, buf: make([]byte, frameSize+16)}, nil
}

func (f *frames) Read(p []byte) (int, error) {
	for len(f.rest) == 0 {
		if f.done {
			return 0, io.EOF
		}
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, f.rest)
	f.rest = f.rest[n:]
	return n, nil
}

func (f *frames) next() error {
	k, err := io.ReadFull(f.in, f.buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return errAltered
	}
	last := err != nil
	if !last {
		_, err := f.in.Peek(1)
		last = err != nil
	}
	f.rest, err = f.a.Open(f.buf[:0], nonce(f.n), f.buf[:k], lastMark(last))
	f.n, f.done = f.n+1, last
	if err != nil {
		return errAltered
	}
	return nil
}
