// Package desk is what an officer keeps on the own desk beside the cases: saved filters of the inbox, private notes, prepared phrases, texts of acts that
// were typed and not sent, what was seen of a case at the last look, and runs of one act over many cases. Nothing here is part of a case: the archive and
// the applicant never get it, and nobody but who wrote it reads it. The one exception are phrases that whoever may decide shares with the agency.
//
// It owns desk_filter, desk_note, desk_phrase, desk_unsent, desk_look, desk_batch, desk_line and desk_switch. Everything typed is sealed. It publishes
// nothing. deskweb calls it, and asks cases first whether the actor has to do with the case; this room knows cases by their ids only.
package desk
