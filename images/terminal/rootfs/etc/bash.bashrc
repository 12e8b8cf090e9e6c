# For every interactive shell; the home volume starts empty, so what is comfortable is set here.
[ -z "${PS1-}" ] && return
shopt -s checkwinsize histappend
HISTCONTROL=ignoreboth HISTSIZE=10000
PS1='\[\e[38;5;110m\]\w\[\e[0m\] \$ '
case $TERM in xterm*) PS1="\[\e]0;\w\a\]$PS1" ;; esac
eval "$(dircolors -b)"
alias ls='ls --color=auto' ll='ls -l --color=auto' la='ls -la --color=auto' grep='grep --color=auto' vim=vi
export EDITOR=nano PAGER=less LESS=-FRX
[ -r /usr/share/bash-completion/bash_completion ] && . /usr/share/bash-completion/bash_completion
if [ -z "${STREAMSPACE_GREETED-}" ]; then
  export STREAMSPACE_GREETED=1
  cat /etc/motd
fi
