// Package authz says who is asking and what they may do: the Actor in the context, the roles, and the one table of role and permission that
// every route names. Which objects an actor may touch is decided by the rooms' services (post, agency, region, holder). It owns no tables.
package authz
