// Package directory is the base directory (目录清单, 基本目录): what the law lets agencies do, bound to no agency, with a code of 12 characters for
// each base item, and what of it nobody who adopts it may change. An implementing item of the catalogue adopts a base item, fills in its own elements
// and follows when the base changes. The room also keeps the code lists of the standard as versioned dictionaries, with tables that translate them at
// the border to other systems.
//
// A base item changes in six ways (新增 变更 拆分 合并 暂停 取消): a draft of one item officer is audited by a second (编制审核) and by legal
// review (法制审核), and becomes effective at midnight of its day as a new, immutable version, by a job. Only offices of a city or above keep the
// directory; an office keeps national codes and those of its own province. Codes are never deleted and never given twice.
//
// It owns directory_base (the current version of each base item), directory_version (every one), directory_change (drafts and what became of them),
// directory_follow (who looked at a change of the base and found nothing to do), directory_code, directory_note and directory_mapping (dictionaries).
// It tells directory.base_changed; its job is directory.effect. The catalogue and every room above may call it; it calls org, and reads items by the pure
// package catalog/item.
package directory
