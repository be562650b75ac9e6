#!/bin/sh
# Prints the keystone.conf of a bed in the folder $1. Every folder is named: the defaults are in /etc and /var.
cat <<CONF
[DEFAULT]
use_stderr = true
[database]
connection = sqlite:///$1/keystone.db
[token]
expiration = 3600
[fernet_tokens]
key_repository = $1/fernet-keys
[fernet_receipts]
key_repository = $1/fernet-keys
[credential]
key_repository = $1/credential-keys
[cache]
enabled = false
[identity]
# The cheapest allowed: a test bed hides nothing.
password_hash_rounds = 4
CONF
