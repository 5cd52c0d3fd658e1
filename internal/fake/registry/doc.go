// Package registry is a small population registry and firm registry for the demo and for tests: real HTTP servers that answer signed JSON
// requests from data given in a pack's demo.yaml. Values can be changed and each registry switched off while it runs, by its admin
// addresses or by the methods of [Server]. It stores nothing: a restart begins with the data given.
//
//	POST /population/verify       {"name","number","phone"} → {"result":"match|no_match|dead","phone":"match|other|unknown"}
//	POST /population/person       {"number","purpose","case"} → a person
//	POST /population/guardian     {"guardian","ward"} → {"relation":"母亲"}, empty if they are not
//	POST /firms/firm              {"credit_code"} → a firm
//	POST /firms/by-legal-person   {"number"} → {"firms":[…]}
//	POST /documents               {"holder_number"} → {"documents":[…]}
//	POST /admin/person            {"number","field","value"}       admin addresses take "Authorization: Bearer <admin token>"
//	POST /admin/firm              {"credit_code","field","value"}
//	POST /admin/guardian          {"guardian","ward","relation"}   an empty relation takes it away
//	POST /admin/switch            {"registry":"population|firms","on":true}
//
// A request is signed by X-Tongban-Sign = hex(HMAC-SM3(key, method \n path \n X-Tongban-Time \n X-Tongban-Nonce \n hex(SM3(body)))), with
// X-Tongban-Key naming the key. A time more than five minutes off and a nonce used before are refused.
//
// It owns no tables. Only package app and tests may call it.
package registry
