# File systems only: for anything that survives a power cut. The snapshot is of one moment on all frozen volumes.
lock_mode=fsfreeze

fsfreeze_freeze_default() { printf auto; }
fsfreeze_state() { printf frozen; }
fsfreeze_open() { [ "$freeze" != none ] || fail "freeze: the driver fsfreeze has nothing to freeze (freeze = none)"; }
fsfreeze_lock() { return 0; }
fsfreeze_verify() { return 0; }
fsfreeze_release() { return 0; }
fsfreeze_drop() { return 0; }
fsfreeze_check() { note "would freeze: $(freeze_mounts | tr '\n' ' ')"; }
