"""Pages of money: what things cost, wallets, charges; invoices, for who pays and for finance."""
