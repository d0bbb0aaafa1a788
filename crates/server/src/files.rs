//! Modes of files that hold secrets.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The permission bits of a file or folder.
pub fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::metadata(path)?.permissions().mode() & 0o777)
}

/// Takes away every permission that `mode` does not grant.
pub fn restrict(path: &Path, mode: u32) -> io::Result<()> {
    let have = self::mode(path)?;
    if have & !mode != 0 {
        fs::set_permissions(path, fs::Permissions::from_mode(have & mode))?;
    }
    Ok(())
}
