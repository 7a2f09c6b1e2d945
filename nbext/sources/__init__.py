"""Where captures come from besides this kernel: journals and other files of ours, tables, stores."""
