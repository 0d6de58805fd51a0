"""Dashboards made from a detector: what each panel asks, the saved objects that show it, and their way into Kibana."""
