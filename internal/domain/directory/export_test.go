package directory

// FindingsOf gives the keys of what is wrong with a change of an empty directory.
func FindingsOf(c Change) []string {
	var out []string
	for _, f := range c.check(func(string) (Base, bool) { return Base{}, false }, "") {
		out = append(out, f.Key)
	}
	return out
}
