package item

import "tongban/internal/engine/cnid"

// ItemCodes makes the implementing code (31) and the code of the variant (33) of an item of an agency with this credit code. Without a serial the second
// is empty. Errors are those of cnid.ImplementCode and cnid.VariantCode.
func ItemCodes(agencyCode string, it *Item) (implement, variant string, err error) {
	implement, err = cnid.ImplementCode(agencyCode, it.UseLevel, it.BaseCode)
	if err != nil || it.Serial == 0 {
		return implement, "", err
	}
	variant, err = cnid.VariantCode(implement, it.Serial)
	return implement, variant, err
}
