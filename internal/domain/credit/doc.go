// Package credit is the list of discredited persons (失信主体): who may not promise instead of proving (国办发〔2020〕42号) until what they did is repaired.
// Nobody gets onto it by a program alone: an entry is a decision of an agency with a ground, a reason, a basis and a paper that names the remedies, and
// the person is told; or it comes with a list another authority published. The person sees every entry of their own and may ask for repair (信用修复),
// which the agency that entered it decides. Entries end on their day by a job; one without a day lasts until it is repaired.
//
// It owns credit_entry and credit_repair. Names, numbers, reasons and answers are sealed; a person is found by the blind index of the number. It tells
// credit.entered, credit.repair_asked, credit.repaired, credit.repair_refused and credit.expired. The room cases asks Bar and calls EnterTx; its pages
// are creditweb. Every look of an officer at an entry is on record with the person it is about.
package credit
