// Package mandateweb is the pages and API of mandates: what a person gave and holds, giving a mandate step by step, a firm's agents, guardians, and
// the window where a clerk writes down what was given there. Everything works without scripts. It holds no SQL and no rules.
package mandateweb
