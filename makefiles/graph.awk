# Lines of states.sh as a graph for dot: what is up to date, stale and missing in different colours.
BEGIN {
    FS = "\t"
    colour["current"] = "#cfe8cf"; words["current"] = "up to date"
    colour["restore"] = "#cfe0f5"; words["restore"] = "in the cache"
    colour["make"] = "#f7d9b0"; words["make"] = "stale"
    colour["after"] = "#f8f0c0"; words["after"] = "waits for what is stale or missing"
    colour["missing"] = "#f2c4c4"; words["missing"] = "missing"
    print "digraph recipe {"
    print "  rankdir=LR; fontname=\"sans-serif\"; node [shape=box, style=\"filled,rounded\", fontname=\"sans-serif\", fontsize=11, color=\"#888888\"];"
    print "  edge [color=\"#999999\", arrowsize=0.6];"
}
{
    state = $2 == "make" && $5 ~ /^(new|missing)/ ? "missing" : $2
    seen[state] = 1
    printf "  \"%s\" [fillcolor=\"%s\", tooltip=\"%s\"];\n", $1, colour[state], words[state]
    n = $4 == "-" ? 0 : split($4, parents, " ")
    for (i = 1; i <= n; i++)
        printf "  \"%s\" -> \"%s\";\n", parents[i], $1
}
END {
    print "  subgraph cluster_legend { label=\"\"; color=\"#bbbbbb\";"
    order = split("current restore make after missing", states, " ")
    for (i = 1; i <= order; i++)
        if (states[i] in seen)
            printf "    \"legend-%s\" [label=\"%s\", fillcolor=\"%s\"];\n", states[i], words[states[i]], colour[states[i]]
    print "  }\n}"
}
