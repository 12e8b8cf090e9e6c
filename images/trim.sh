#!/bin/sh
# Takes out of a root file system (it runs inside it) what a desktop never needs, and then every library that nothing
# left over links to. Runs last: afterwards there is no package manager.
set -eu

cd /usr/share
rm -rf doc man info locale lintian bug doc-base menu pixmaps common-licenses/* i18n perl perl5 python3 gcc gdb polkit-1 \
  poppler ghostscript fonts/type1 fonts/X11 fonts/opentype fonts/cmap apport zsh bash-completion/completions/apt* \
  keyrings dpkg debconf initramfs-tools libthai tabset sgml xml X11/locale/[!CelU]* gtk-doc glib-2.0/codegen vim/*/doc \
  git-core/contrib gitweb libgcrypt20 util-linux
cd /usr/lib
rm -rf python3* apt dpkg ./*/perl* ./*/dri ./*/systemd ./*/gallium-pipe ./*/vdpau ./*/libLLVM* ./*/libpython* ./*/libperl* systemd udev \
  tmpfiles.d sysusers.d init lsb ./*/gconv/[A-TV-Z]*.so ./*/e2fsprogs ./*/security/pam_[!ud]* mime/packages \
  firefox-esr/pingsender firefox-esr/crashreporter firefox-esr/crashhelper firefox-esr/minidump-analyzer firefox-esr/updater
# Window decorations are drawn from XPM and PNG at most; the loaders for the rest bring 50 MB of libraries.
find ./*/imlib2/loaders -name '*.so' ! -name 'png.so' ! -name 'xpm.so' -delete
rm -rf /usr/share/icons/*/cursors /usr/share/icons/*/32x32 /usr/share/icons/*/48x48 /usr/share/icons/*/64x64 \
  /usr/share/icons/*/96x96 /usr/share/icons/*/128x128 /usr/share/icons/*/256x256 /usr/share/icons/*/512x512
[ -d firefox-esr ] || rm -rf ./*/gdk-pixbuf-2.0
rm -rf /usr/lib/git-core/git-add--interactive /usr/lib/git-core/git-cvs* /usr/lib/git-core/git-svn /usr/lib/git-core/git-send-email \
  /usr/lib/git-core/git-p4 /usr/lib/git-core/git-instaweb /usr/lib/git-core/git-archimport /usr/lib/git-core/git-daemon \
  /usr/lib/git-core/git-shell /usr/lib/git-core/git-http-backend /usr/lib/git-core/git-imap-send /usr/lib/git-core/scalar
cd /usr/bin
rm -f perl* python3* pydoc3* py3* apt apt-* dpkg* debconf* tigervncserver x0tigervnc* vncserver gdk-pixbuf-csource cpan* \
  localedef xapp-* gpgv gpg* update-alternatives obamenu openbox-*session gdm-control gnome-panel-control obxprop ucf* savelog \
  deb-systemd-* chage chfn chsh expiry gpasswd newgrp passwd su mount umount wall write.ul koi8rxterm lxterm uxterm \
  scalar git-shell corelist enc2xs h2ph h2xs instmodsh json_pp libnetcfg piconv pl2pm pod* prove ptar* shasum splain \
  systemctl journalctl systemd-* busctl loginctl timedatectl hostnamectl localectl networkctl resolvectl bootctl \
  portablectl cgroup* dbus-* update-mime-database tini-static py* streamzip xsubpp zipdetails encguess infocmp tic toe captoinfo infotocap
rm -rf /usr/games /usr/local/* /usr/libexec /usr/include /usr/src /boot /media /mnt /opt /srv /root/.[!.]*
# Of the administrator's programs only the linker's own is needed, at the end.
find /usr/sbin -mindepth 1 ! -name ldconfig -delete
rm -rf /var/lib/* /var/cache/[!f]* /var/log/* /var/backups /var/mail /var/spool /var/local /var/opt
rm -rf /etc/apt /etc/dpkg /etc/cron* /etc/init.d /etc/rc?.d /etc/systemd /etc/perl /etc/python3* /etc/logrotate.d /etc/pam.d \
  /etc/skel /etc/default /etc/alternatives/*.gz /etc/machine-id /etc/passwd- /etc/group- /etc/shadow- /etc/gshadow- \
  /etc/subuid* /etc/subgid* /etc/xdg/autostart /etc/X11/Xsession* /etc/resolv.conf /etc/hostname /etc/.pwd.lock /etc/update-motd.d
rm -f /usr/share/mime/packages/* /usr/share/icons/*/icon-theme.cache
find /usr /etc /var -xtype l -delete
find /usr -name '*.a' -delete -o -name '*.la' -delete -o -name '*.pyc' -delete

# What is loaded by name at run time and linked by nobody: name services, NSS, Firefox's helpers.
kept='libnss_|libnss3|libsoftokn3|libfreebl|libnssckbi|libnssutil|libssl3|libpci\.so|libgcc_s|ld-linux|libmvec|libcanberra|libresolv'
linked=$(find /usr/bin /usr/sbin /usr/lib -type f \( -perm /111 -o -name '*.so' -o -name '*.so.*' \) \
  ! -path '/usr/lib/*-linux-gnu/lib*.so*' -exec ldd {} + 2>/dev/null | sed -n 's/.*=> \([^ ]*\) .*/\1/p' | sort -u | xargs -r -n1 realpath | sort -u)
for library in /usr/lib/*-linux-gnu/lib*.so*; do
  [ -L "$library" ] || ! [ -f "$library" ] && continue
  echo "${library##*/}" | grep -Eq "^($kept)" && continue
  echo "$linked" | grep -Fxq "$library" || rm -f "$library"
done
find /usr/lib -xtype l -delete
ldconfig
rm -rf /usr/sbin/ldconfig /var/cache/ldconfig
find /usr /var -depth -mindepth 2 -type d -empty ! -path '/var/lib/*' -delete
