package crash

import "fmt"

// elderAnswers are the n-th version of the form of an elder card; the last one is complete.
func elderAnswers(n int, last bool) (scenario map[string]string, values map[string]any) {
	values = map[string]any{"live_address": fmt.Sprintf("望江街道渡口巷12号%d01室", n)}
	if last {
		values["delivery"], values["truth"] = "electronic", true
	}
	return map[string]string{"residence": "household", "photo": "id-card"}, values
}

// shopAnswers are the n-th version of the form of a food licence; the last one is complete.
func shopAnswers(n int, last bool) (scenario map[string]string, values map[string]any) {
	scenario = map[string]string{"kind": "2"}
	values = map[string]any{"shop_name": fmt.Sprintf("小满饭庄（第%d稿）", n), "shop_area": 100 + n}
	if !last {
		return scenario, values
	}
	scenario = map[string]string{"kind": "2", "special_room": "no", "central": "no", "vending": "no", "building": "business", "size": "small", "chain": "no", "agent": "self"}
	for k, v := range map[string]any{
		"contact_name": "林小满", "contact_phone": "19900000101", "shop_region": "580102", "shop_address": "清澜市清江区望江街道石栏路58号一层",
		"kitchen_area": 30, "seats": 40, "has_warehouse": false, "business_items": []string{"hot", "drinks"}, "online": false,
		"manager_name": "林小满", "manager_id": "580102199605182647", "manager_phone": "19900000101", "manager_trained": true, "staff_count": 6, "staff_health": true,
		"equipment": []map[string]any{
			{"name": "三联水池", "use": "washing", "quantity": 2, "place": "粗加工间"},
			{"name": "消毒柜", "use": "disinfection", "quantity": 1, "place": "洗消间"},
		},
		"rules": []string{"self-check", "health", "purchase", "accident", "cleaning", "additives"}, "delivery": "electronic", "truth": true, "no_bar": true, "consent": true,
	} {
		values[k] = v
	}
	return scenario, values
}
