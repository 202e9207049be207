# Lines of states.sh (after reasons.awk): what there is to do, and how long it took last time.
BEGIN { FS = "\t" }
function time_words(seconds) {
    return seconds < 60 ? sprintf("%.0f s", seconds) : sprintf("%d min %02d s", seconds / 60, seconds % 60)
}
{
    count[$2]++
    if ($2 == "current")
        next
    if ($3 == "-")
        unknown++
    else if ($2 != "restore")
        total += $3
    n = split($5, reasons, ";")
    if ($2 == "after")
        n = split($5, reasons, " ")
    words = $2 == "after" ? reasons[1] : reason_words(reasons[1])
    if (n > 1)
        words = words ", and " n - 1 " more"
    printf "  %-8s %-38s %9s  %s\n", $2, $1, $3 == "-" ? "-" : time_words($3), words
}
END {
    if (count["current"] == NR) {
        printf "%s: everything is up to date (%d artifacts)\n", name, NR
        exit
    }
    printf "%s: %d up to date, %d to make, %d to restore from the cache, %d that wait for these\n", name, count["current"],
        count["make"], count["restore"], count["after"]
    if (total)
        printf "about %s by their last runs%s\n", time_words(total), unknown ? "; " unknown " of them never ran" : ""
}
