// What runs in the container of a desktop, as its user, with sh and the tools of Debian's base. Paths come as arguments, so no
// shell ever reads them as words.
//
// The folder is entered first and then looked at: `cd -P` follows whatever links there are, `pwd -P` asks the kernel where that
// led, and from there on only names in this folder are used, which nobody can turn into a way out by moving a folder meanwhile.

/** What a script says by its exit code. */
export const EXIT = {
  outside: 11,
  notFound: 12,
  exists: 13,
  wrongKind: 14,
  notWritten: 15,
  incomplete: 16,
  notMoved: 17,
} as const;

/** $1 the home, $2 a folder in it (empty: the home), $3 a name in that folder. */
const ENTER = `set -u
LC_ALL=C; export LC_ALL
umask 022
home=$1 folder=$2 name=$3
cd -P -- "$home" || exit ${EXIT.notFound}
home=$(pwd -P)
if [ -n "$folder" ]; then
  [ -e "./$folder" ] || exit ${EXIT.notFound}
  [ -d "./$folder" ] || exit ${EXIT.wrongKind}
  cd -P -- "./$folder" || exit ${EXIT.notFound}
fi
case "$(pwd -P)/" in "$home"/*) ;; *) exit ${EXIT.outside} ;; esac
there() { [ -e "./$name" ] || [ -L "./$name" ]; }
`;

/** Kind, bytes, time and name of each entry, ended by NUL. */
export const LIST = `${ENTER}
exec find -P . -mindepth 1 -maxdepth 1 -printf '%y\\t%s\\t%T@\\t%f\\0'
`;

export const MAKE_FOLDER = `${ENTER}
there && exit ${EXIT.exists}
mkdir -- "./$name" || exit ${EXIT.notWritten}
`;

/** One line with the number of bytes, then the bytes. A symbolic link is no file here, nor is what would keep us waiting. */
export const READ_FILE = `${ENTER}
there || exit ${EXIT.notFound}
[ -f "./$name" ] && [ ! -L "./$name" ] || exit ${EXIT.wrongKind}
stat -c %s -- "./$name" || exit ${EXIT.notFound}
exec dd if="./$name" iflag=nofollow,nonblock bs=256k status=none
`;

/** $2 is the folder itself. Links are written as links, and left out later; no other file system is entered. */
export const READ_FOLDER = `${ENTER}
exec tar --create --format=posix --sort=name --one-file-system --exclude='./.streamspace-*.part' --file=- -- .
`;

/**
 * Writes exactly $4 bytes of its input to $6, a name of ours in the same folder, and gives it the name $3 in one step; $5 is 1
 * to replace what is there. `set -C` makes the shell open with O_EXCL, which follows no link; the file is counted, since an
 * input that was cut off ends like one that is done. Whatever comes of it, a line is written at the end and the rest of the
 * input is read: a command that leaves its input lying is not told from one that still runs.
 */
export const WRITE_FILE = `trap 'rm -f -- "./$part"; echo end; cat >/dev/null' EXIT
trap 'exit 1' HUP INT TERM
bytes=$4 overwrite=$5 part=$6
${ENTER}
[ -d "./$name" ] && [ ! -L "./$name" ] && exit ${EXIT.wrongKind}
[ "$overwrite" = 1 ] || { there && exit ${EXIT.exists}; }
find . -maxdepth 1 -type f -name '.streamspace-*.part' -mmin +1440 -delete
set -C
head -c "$bytes" >"./$part" || exit ${EXIT.notWritten}
[ "$(wc -c <"./$part")" -eq "$bytes" ] || exit ${EXIT.incomplete}
sync -- "./$part" || exit ${EXIT.notWritten}
if [ "$overwrite" = 1 ]; then
  mv -fT -- "./$part" "./$name" || exit ${EXIT.notMoved}
elif ! ln -T -- "./$part" "./$name"; then
  there && exit ${EXIT.exists}
  mv -nT -- "./$part" "./$name" || exit ${EXIT.notMoved}
  [ ! -e "./$part" ] || exit ${EXIT.exists}
fi
`;
