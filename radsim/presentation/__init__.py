"""What report, figures, export and command line have in common: estimates read out of results, put in words, with their caveats."""
