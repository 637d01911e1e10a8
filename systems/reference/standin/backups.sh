#!/bin/sh
# Backups, in the image that has PostgreSQL's own programs: a dump a day of the database that PGDATABASE names.
#
# Every few seconds it looks at the newest dump, however that came there, and writes what it sees as figures for the
# textfile collector of a node_exporter: when it was made, how large it is, and how many tables can be listed of it.
set -eu

folder=${BACKUPS:-/backups}
every=${BACKUP_SECONDS:-86400}
look=5

newest() {
    find "$folder" -name '*.dump' -printf '%T@ %p\n' | sort -n | tail -n 1 | cut -d ' ' -f 2
}

tables() {
    pg_restore --list "$1" 2>/dev/null | grep -c ' TABLE DATA ' || true
}

# A dump that was interrupted, or of a database that has no tables yet, never has the name of a whole one.
dump() {
    part=$folder/$PGDATABASE.part
    pg_dump --format=custom --file="$part" && [ "$(tables "$part")" -gt 0 ] &&
        mv "$part" "$folder/$PGDATABASE-$(date -u +%Y%m%dT%H%M%SZ).dump"
}

# Zero of everything where there is no dump.
figures() {
    made=0 size=0 listed=0
    if [ -n "$1" ]; then
        made=$(stat -c %Y "$1") size=$(stat -c %s "$1") listed=$(tables "$1")
    fi
    echo "backup_finished_seconds $made"
    echo "backup_size_bytes $size"
    echo "backup_listed_tables $listed"
}

next=0
while true; do
    if [ "$(date +%s)" -ge "$next" ]; then
        if dump; then wait=$every; else wait=$look; fi
        next=$(($(date +%s) + wait))
    fi
    # In one step: whoever reads meanwhile sees all of the old or all of the new.
    figures "$(newest)" >"$folder/figures.new"
    mv "$folder/figures.new" "$folder/figures.prom"
    sleep "$look"
done
