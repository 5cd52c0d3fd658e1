// Package cond is the one condition language of Tongban: a small typed tree, stored as JSON, that decides which fields are asked, which
// materials are needed, which step comes next, which fee is due and which rule fires. It owns no tables and no events; every room and engine
// may import it. web/src/cond.ts evaluates the same trees in the browser; testdata/vectors.json holds both to the same answers.
package cond
