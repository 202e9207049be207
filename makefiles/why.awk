# Lines of states.sh (after reasons.awk): each thing that changed, upstream to where it began.
BEGIN { FS = "\t" }
{
    state[$1] = $2
    if ($2 != "make" && $2 != "restore")
        next
    n = split($5, reasons, ";")
    for (i = 1; i <= n; i++)
        print name ": " ($1 == name ? "" : $1 ": ") reason_words(reasons[i]) ($2 == "restore" ? " (the cache has it)" : "")
}
END {
    if (state[name] == "current")
        print name ": up to date; nothing that it is made from has changed"
}
