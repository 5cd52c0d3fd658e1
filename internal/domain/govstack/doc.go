// Package govstack lets systems of other agencies use the catalogue and the cases by the API of GovStack's Registration building block: services, their
// electronic forms, applications, documents, tasks and statistics. It adapts and decides nothing: an application becomes a case by the rules of package
// cases, and a task is completed by an officer's act, with the officer's posts.
//
// A system is a member, named INSTANCE/CLASS/MEMBER/SUBSYSTEM as the Information Mediator names it in the header Information-Mediator-Client. What it may do is a
// grant that one security officer asks for and another one gives: for which items it may file applications, up to which identity level it
// identifies people, and which officers complete tasks through it. It proves itself by a token; without one it is let in by the demo only.
//
// Tables: govstack_member (grants in force, the hash of the token), govstack_proposal (grants asked for), govstack_applicant (whom a member means by its own
// id of an applicant, sealed), govstack_file (which case an application became) and govstack_document (files on the way to an application, for a week).
// It tells and hears no events. Pages and the operations are in govstackweb.
package govstack
