// Package notifyweb holds a person's inbox and the address where providers of text messages report deliveries. It owns no tables. Package app
// mounts its routes.
package notifyweb
