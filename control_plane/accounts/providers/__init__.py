"""Log-in by accounts elsewhere: at Google, at Facebook, at any OpenID Connect provider."""
