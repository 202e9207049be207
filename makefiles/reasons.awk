# What --explain said (common/artifact/explain.h), in words.
function short(hash) { return length(hash) == 64 ? substr(hash, 1, 8) : hash }
function change(old, now) { return short(old) " -> " short(now) }
function field_words(name, old, now,    kind, rest) {
    kind = name; sub("/.*", "", kind)
    rest = name; sub("[^/]*/", "", rest)
    if (kind == "unit")
        return "program: " rest (old == "" ? " is used now" : now == "" ? " is used no longer" : " changed (" change(old, now) ")")
    if (kind == "option")
        return "option " rest ": " (old == "" ? "not there" : old) " -> " (now == "" ? "gone" : now)
    return name ": " change(old == "" ? "not there" : old, now == "" ? "gone" : now)
}
function reason_words(reason,    f) {
    split(reason, f, "|")
    if (f[1] == "new") return "was never made"
    if (f[1] == "missing") return f[2] " is missing"
    if (f[1] == "altered") return f[2] " has other bytes than its provenance says"
    if (f[1] == "unvouched") return f[2] " has no provenance that can be read"
    if (f[1] == "field") return field_words(f[2], f[3], f[4])
    if (f[4] == "") return "input " f[2] ": " f[3] " is new (" short(f[5]) ")"
    if (f[5] == "") return "input " f[2] ": one less (" short(f[4]) ")"
    return "input " f[2] ": " f[3] " changed (" change(f[4], f[5]) ")"
}
