package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"patchbay"
)

// wrap adds the operation to an error that leaves the package. A *patchbay.Error
// stays what it is.
func wrap(err *error, op string) {
	if *err == nil {
		return
	}
	var known *patchbay.Error
	if errors.As(*err, &known) {
		*err = known
		return
	}
	*err = fmt.Errorf("%s: %w", op, *err)
}

// orNotFound turns "no rows" into a not-found error that names what was looked for.
func orNotFound(err error, what string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return notFound(what)
	}
	return err
}

// noRows reports that a query had no result.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

func notFound(what string) *patchbay.Error {
	return patchbay.Errorf(patchbay.CodeNotFound, "There is no such %s.", what)
}

// changedOne turns a change of no row into a not-found error.
func changedOne(res sql.Result, err error, what string) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return notFound(what)
	}
	return nil
}

// changed reports whether a statement changed a row.
func changed(res sql.Result, err error) (bool, error) {
	if err != nil {
		return false, err
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// violated returns what a constraint error says it is about ("users.email",
// "users_email_key"), and whether a unique or a foreign key was hurt.
func violated(err error) (about string, unique, foreign bool) {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		switch lite.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY:
			return lite.Error(), true, false
		case sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			return "", false, true
		}
		return "", false, false
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		switch pg.Code {
		case "23505":
			return pg.ConstraintName, true, false
		case "23503":
			return "", false, true
		}
	}
	return "", false, false
}

// accountConflict names the field of an account that is taken.
func accountConflict(err error) error {
	about, unique, _ := violated(err)
	if !unique {
		return err
	}
	field, message := "", "An account with this id exists already."
	switch {
	case strings.Contains(about, "username"):
		field, message = "body.username", "An account with this username exists already. Choose another one."
	case strings.Contains(about, "email"):
		field, message = "body.email", "An account with this e-mail address exists already."
	}
	e := &patchbay.Error{Code: patchbay.CodeConflict, Message: message, Err: err}
	if field != "" {
		e.Fields = []patchbay.FieldError{{Path: field, Message: "is taken"}}
	}
	return e
}

// ownerGone says that the user a row was written for is not there any more.
func ownerGone(err error) error {
	if _, _, foreign := violated(err); foreign {
		return notFound("account")
	}
	return err
}
