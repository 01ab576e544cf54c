# Completion of claude-routing-install for fish, as its commands declare themselves.
# Kept by claude-routing-install; what you change here is put back by the next run.

# PLACE PATH...: whether one of these paths leads to where the cursor is, with PLACE words behind it, any number for -
function __claude_routing_install_at
    set -l tokens (commandline -opc)
    set -e tokens[1]
    set -l at ''
    set -l awaited ''
    set -l place 0
    for word in $tokens
        if test -n "$awaited"
            set awaited ''
        else if string match -q -- '-*' $word
            contains -- $word {{valued}}; and set awaited $word
        else if contains -- (string trim -- "$at $word") {{paths}}
            set at (string trim -- "$at $word")
        else if test "$at$word" != help
            set place (math $place + 1)
        end
    end
    test "$argv[1]" = -; or test "$argv[1]" = $place; or return 1
    contains -- "$at" $argv[2..-1]
end

# WORD...: one of them behind those that are there already, with a comma between
function __claude_routing_install_list
    set -l before (commandline -ct | string replace -r -- '^--[^=]*=' '' | string replace -r '[^,]*$' '')
    printf '%s\n' "$before"$argv
end

# One answer, first its key
function __claude_routing_install_answer
    set -l typed (commandline -ct | string replace -r -- '^--[^=]*=' '')
    set -l known {{answers}}
    if string match -q -- '*=*' "$typed"
        printf '%s\n' $known
    else
        printf '%s\n' $known | string replace -r '=.*' '=' | sort -u
    end
end

complete -c claude-routing-install -f
complete -c claude-routing-install.mjs -w claude-routing-install
{{lines}}
