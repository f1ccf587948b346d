{{ keep ${this} }}
