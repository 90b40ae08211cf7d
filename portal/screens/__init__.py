"""Every page as a picture, for every role and two widths; for those who look after how the portal looks."""
